/**
 * What a long command is at, on standard error, once it has lasted: drawn by a thread of its own, because the
 * command's may be busy in SQLite for minutes.
 */
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { threadModule } from '../program/program-files.ts';
import { createStageMemory, createStageWriter, type StageWriter } from './stage-board.ts';
import { clearLine } from './stage-drawing.ts';
import type { StageLineSettings } from './stage-line-thread.ts';

export interface StageLine {
  /** @param share done of this stage, 0 to 1; null for what can't be told */
  show(stage: string, share: number | null): void;
  /** Leaves a terminal at the beginning of an empty line. To be called before anything else is written. */
  end(): void;
}

interface Output {
  readonly fd: number;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Of a terminal that does not tell, or says 0. */
const columnsUsual = 80;

export function createStageLine({ fd, isTTY = false, columns = 0 }: Output): StageLine {
  let board: StageWriter | null = null;

  function begin(): StageWriter {
    const memory = createStageMemory();
    const settings: StageLineSettings = {
      memory,
      file: fd,
      isTerminal: isTTY,
      columns: columns || columnsUsual,
      beganMs: Date.now(),
    };
    const thread = new Worker(threadModule('cli/stage-line-thread.ts'), { workerData: settings });
    thread.unref();
    // The work must not end because nobody can tell of it.
    thread.on('error', () => undefined);
    return createStageWriter(memory);
  }

  return {
    show(name, share) {
      board ??= begin();
      board.put({ name, share });
    },
    end() {
      const isDrawn = board?.end() === true;
      board = null;
      if (isDrawn && isTTY) writeSync(fd, clearLine);
    },
  };
}
