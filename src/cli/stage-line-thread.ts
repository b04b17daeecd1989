/** Draws the stage of a command while the command's own thread is busy in SQLite, and then can't. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { createStageReader, type StageMemory } from './stage-board.ts';
import { createStageDrawing, type StageDrawingOptions } from './stage-drawing.ts';

export interface StageLineSettings extends StageDrawingOptions {
  readonly memory: StageMemory;
  /** To write to. */
  readonly file: number;
}

/** Between two looks at the stage. */
const lookIntervalMs = 200;

const settings = workerData as StageLineSettings;
const drawing = createStageDrawing(settings);
const board = createStageReader(settings.memory);

function draw(): boolean {
  const stage = board.read();
  const text = stage === null ? '' : drawing(stage, Date.now());
  if (text === '') return false;
  try {
    writeSync(settings.file, text);
  } catch {
    // Nobody reads it, or not now: the work goes on all the same.
  }
  return true;
}

while (board.inTurn(draw)) board.pause(lookIntervalMs);
