import type { OwnService } from '../service/own-service.ts';
import type { TruthVerdict } from './truth.ts';

/** Recounts the shop from its orders, where the lab can reach the database. */
export async function recounted(truth: TruthVerdict, service: OwnService | null): Promise<TruthVerdict> {
  if (service === null || truth.kind === 'nothing') return truth;
  const { code, output } = await service.verify();
  if (code === 0) return truth;
  if (code === null) {
    const kind = truth.kind === 'kept' ? 'unproven' : truth.kind;
    return { ...truth, kind, sentence: `${truth.sentence} The recount did not end: ${output.trim()}` };
  }
  return { ...truth, kind: 'broken', sentence: `${truth.sentence} nozama verify: ${output.trim()}` };
}
