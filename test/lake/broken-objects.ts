/** Places that break: between any two steps of a writer, before or after the step has had its effect. */
import type { CreateOutcome, ListedObject, ObjectStore } from '../../src/objects/object-store.ts';

/** The process has ended here. */
export class Killed extends Error {}

export type Break =
  /** Killed before the step. */
  | 'before'
  /** Killed after it: nobody has heard its answer. */
  | 'after'
  /** The step has its effect and its answer is lost; the process goes on. Of a creation only. */
  | 'answer_lost'
  /** The step has no effect and no answer; the process goes on. Of a creation only. */
  | 'request_lost';

export interface Broken {
  readonly files: ObjectStore;
  /** Whether the step was reached. */
  hasBroken(): boolean;
}

export interface BrokenAtStep extends Broken {
  /** What was called at the step; null when it was not reached. */
  called(): string | null;
}

async function* listing(all: () => Promise<readonly ListedObject[]>): AsyncIterable<ListedObject> {
  yield* await all();
}

/** @param step 0 is the first call of the place */
export function breakAt(files: ObjectStore, step: number, how: Break): BrokenAtStep {
  let calls = 0;
  let hasBroken = false;
  let called: string | null = null;
  const at = async <Result>(verb: string, run: () => Promise<Result>, lost?: Result): Promise<Result> => {
    const isHere = calls === step;
    calls += 1;
    if (!isHere) return run();
    called = verb;
    const goesOn = how === 'answer_lost' || how === 'request_lost';
    if (goesOn && lost === undefined) return run();
    hasBroken = true;
    if (how === 'before') throw new Killed();
    if (how === 'request_lost') return lost as Result;
    const result = await run();
    if (how === 'after') throw new Killed();
    return lost ?? result;
  };
  return {
    hasBroken: () => hasBroken || calls > step,
    called: () => called,
    files: {
      description: files.description,
      read: (path) => at('read', () => files.read(path)),
      list: (prefix, after) => listing(() => at('list', () => Array.fromAsync(files.list(prefix, after)))),
      create: (path, bytes) => at<CreateOutcome>('create', () => files.create(path, bytes), 'unknown'),
      write: (path, bytes) => at('write', () => files.write(path, bytes)),
      remove: (path) => at('remove', () => files.remove(path)),
    },
  };
}

export interface Late extends Broken {
  /** Brings the request where it was going, long after its sender was killed. */
  arrive(): Promise<unknown>;
}

/** The process is killed at the creation, and its request arrives later, when {@link Late.arrive} is called. @param creation 0 is the first */
export function delayCreation(files: ObjectStore, creation: number): Late {
  let creations = 0;
  let late: (() => Promise<unknown>) | null = null;
  return {
    hasBroken: () => late !== null,
    arrive: async () => late?.(),
    files: {
      ...files,
      async create(path, bytes) {
        const isHere = creations === creation;
        creations += 1;
        if (!isHere) return files.create(path, bytes);
        late = () => files.create(path, bytes);
        throw new Killed();
      },
    },
  };
}

/** Runs something else before the step, once. */
export function interruptAt(files: ObjectStore, step: number, other: () => Promise<unknown>): Broken {
  let calls = 0;
  let hasBroken = false;
  const at = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    const isHere = calls === step;
    calls += 1;
    if (isHere) {
      hasBroken = true;
      await other();
    }
    return run();
  };
  return {
    hasBroken: () => hasBroken,
    files: {
      description: files.description,
      read: (path) => at(() => files.read(path)),
      list: (prefix, after) => listing(() => at(() => Array.fromAsync(files.list(prefix, after)))),
      create: (path, bytes) => at(() => files.create(path, bytes)),
      write: (path, bytes) => at(() => files.write(path, bytes)),
      remove: (path) => at(() => files.remove(path)),
    },
  };
}

/** Gives way to others before each step, as often as `turns` says. */
export function takingTurns(files: ObjectStore, turns: () => number): ObjectStore {
  const at = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    for (let left = turns(); left > 0; left -= 1) await new Promise(setImmediate);
    return run();
  };
  return {
    description: files.description,
    read: (path) => at(() => files.read(path)),
    list: (prefix, after) => listing(() => at(() => Array.fromAsync(files.list(prefix, after)))),
    create: (path, bytes) => at(() => files.create(path, bytes)),
    write: (path, bytes) => at(() => files.write(path, bytes)),
    remove: (path) => at(() => files.remove(path)),
  };
}
