/**
 * Memory in which one thread says what it is at, and another reads it; neither ever waits for the other's event
 * loop. Holds one stage, whose name is cut off at {@link nameBytesMax}.
 */
import type { Stage } from './stage-drawing.ts';

const nameBytesMax = 480;

/** Places in the header. */
const [turn, version, share, nameLength, drawn] = [0, 1, 2, 3, 4] as const;
const headerInts = 8;

/** Values of `turn`. */
const [free, drawing, ended] = [0, 1, 2] as const;

/** For one drawing; a reader of our output that has stopped reading must not hold us longer. */
const turnWaitMs = 500;

const noShare = -1;
const shareSteps = 1_000_000;

export type StageMemory = SharedArrayBuffer;

export function createStageMemory(): StageMemory {
  return new SharedArrayBuffer(headerInts * 4 + nameBytesMax);
}

export interface StageWriter {
  put(stage: Stage): void;
  /** Nobody draws any more. @returns whether something has been drawn */
  end(): boolean;
}

export function createStageWriter(memory: StageMemory): StageWriter {
  const header = new Int32Array(memory, 0, headerInts);
  const bytes = new Uint8Array(memory, headerInts * 4);
  const encoder = new TextEncoder();
  let lastName = '';
  return {
    put(stage) {
      // Odd while it is being changed.
      Atomics.add(header, version, 1);
      if (stage.name !== lastName) {
        // Through a buffer of its own: encodeInto takes no shared one.
        const name = encoder.encode(stage.name).subarray(0, nameBytesMax);
        bytes.set(name);
        Atomics.store(header, nameLength, name.length);
        lastName = stage.name;
      }
      Atomics.store(header, share, stage.share === null ? noShare : Math.floor(stage.share * shareSteps));
      Atomics.add(header, version, 1);
    },
    end() {
      while (Atomics.compareExchange(header, turn, free, ended) === drawing) {
        if (Atomics.wait(header, turn, drawing, turnWaitMs) === 'timed-out')
          Atomics.store(header, turn, ended);
      }
      Atomics.notify(header, turn);
      return Atomics.load(header, drawn) === 1;
    },
  };
}

export interface StageReader {
  /** Null when it was being changed. */
  read(): Stage | null;
  /** Nothing is drawn after the end. @param draw tells whether it has drawn @returns false after the end */
  inTurn(draw: () => boolean): boolean;
  /** At most so long, and not beyond the end. */
  pause(milliseconds: number): void;
}

export function createStageReader(memory: StageMemory): StageReader {
  const header = new Int32Array(memory, 0, headerInts);
  const bytes = new Uint8Array(memory, headerInts * 4);
  const decoder = new TextDecoder();
  return {
    read() {
      const before = Atomics.load(header, version);
      const name = decoder.decode(bytes.slice(0, Atomics.load(header, nameLength)));
      const steps = Atomics.load(header, share);
      if (before % 2 === 1 || Atomics.load(header, version) !== before) return null;
      return { name, share: steps === noShare ? null : steps / shareSteps };
    },
    inTurn(draw) {
      if (Atomics.compareExchange(header, turn, free, drawing) !== free) return false;
      try {
        if (draw()) Atomics.store(header, drawn, 1);
      } finally {
        Atomics.compareExchange(header, turn, drawing, free);
        Atomics.notify(header, turn);
      }
      return true;
    },
    pause: (milliseconds) => void Atomics.wait(header, turn, free, milliseconds),
  };
}
