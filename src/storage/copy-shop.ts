/**
 * Moves a shop from a reader to a writer, from where the writer stands to a shop that is verified and open.
 *
 * Holds two pages at most, whatever the size of the shop. Each page is one transaction that also remembers
 * the position reached, so that it may be stopped anywhere and called again.
 */
import {
  type CopyEnding,
  type CopyPosition,
  countOfSection,
  type FigureName,
  figureNames,
  type SectionName,
  type ShopFigures,
  type ShopReader,
  type ShopWriter,
  sectionNames,
} from './shop-transfer.ts';
import type { VerifyReport } from './verify-checks.ts';

export interface CopyProgress {
  readonly section: SectionName | 'verification';
  /** Rows of this section that are there, of how many. */
  readonly copied: number;
  readonly total: number;
  /** Rows of all sections that are there, of how many. */
  readonly copiedInAll: number;
  readonly totalInAll: number;
}

export interface FigureDifference {
  readonly figure: FigureName;
  readonly source: string;
  readonly target: string;
}

export interface CopyReport {
  readonly figures: ShopFigures;
  /** Empty when source and target count the same. */
  readonly differences: readonly FigureDifference[];
  /** Of the target; null when it was not looked at, because the figures differ. */
  readonly verification: VerifyReport | null;
  /** Whether the target is open: with no difference and no finding. */
  readonly isOpen: boolean;
}

/** @param onProgress called before the first page, after each one, and before the verification */
export async function copyShop(
  reader: ShopReader,
  writer: ShopWriter,
  ending: CopyEnding,
  onProgress: (progress: CopyProgress) => void,
): Promise<CopyReport> {
  const totalOf = (section: SectionName) => Number(reader.figures[countOfSection[section]]);
  const totalInAll = sectionNames.reduce((sum, section) => sum + totalOf(section), 0);
  let before = 0;
  const report = ({ section, copied }: CopyPosition, total: number) =>
    onProgress({ section, copied, total, copiedInAll: before + copied, totalInAll });

  let position = writer.position;
  for (const section of sectionNames) {
    if (section === position.section) {
      report(position, totalOf(section));
      position = await copySection(reader, writer, position, (reached) => report(reached, totalOf(section)));
    }
    before += totalOf(section);
  }
  if (writer.position.section !== 'verification') await writer.settle(ending);
  report({ section: 'verification', after: null, copied: 0 }, 0);
  return endCopy(reader, writer);
}

/** Reads the next page while the last one is being written. Returns where the next section begins. */
async function copySection(
  reader: ShopReader,
  writer: ShopWriter,
  from: CopyPosition,
  onReached: (reached: CopyPosition) => void,
): Promise<CopyPosition> {
  const { section } = from;
  if (section === 'verification') throw new Error('verification is no section to copy');
  let reached = from;
  let page = reader.readPage(section, from.after);
  while (page.rows.length > 0) {
    reached = { section, after: page.end, copied: reached.copied + page.rows.length };
    const writing = writer.write(page, reached);
    // Reading may throw while the write is under way; a failure of the write is then handled too.
    writing.catch(() => undefined);
    page = reader.readPage(section, reached.after);
    await writing;
    onReached(reached);
  }
  const next = sectionNames[sectionNames.indexOf(section) + 1];
  if (next === undefined) return reached;
  const start: CopyPosition = { section: next, after: null, copied: 0 };
  await writer.advance(start);
  return start;
}

async function endCopy(reader: ShopReader, writer: ShopWriter): Promise<CopyReport> {
  const { figures } = reader;
  const found = await writer.readFigures();
  const differences = figureNames
    .filter((figure) => figures[figure] !== found[figure])
    .map((figure) => ({ figure, source: figures[figure], target: found[figure] }));
  if (differences.length > 0) return { figures, differences, verification: null, isOpen: false };
  const verification = await writer.verify();
  const isOpen = verification.findings.length === 0;
  if (isOpen) await writer.open();
  return { figures, differences, verification, isOpen };
}
