/**
 * Output of steps that run at the same time, readable: one step prints as it goes, the others when their turn comes.
 *
 * Holds in memory all that the waiting steps print.
 */
export interface StepOutput {
  write(text: string): void;
  /** The step has printed everything. */
  end(): void;
}

interface Waiting {
  text: string;
  hasEnded: boolean;
}

/** @returns opens the output of one more step, which starts with its name */
export function outputTurns(print: (text: string) => void): (stepName: string) => StepOutput {
  const turns: Waiting[] = [];
  const printFirst = () => {
    for (let first = turns[0]; first !== undefined; first = turns[0]) {
      print(first.text);
      first.text = '';
      if (!first.hasEnded) return;
      turns.shift();
    }
  };
  return (stepName) => {
    const own: Waiting = { text: `\n=== ${stepName}\n`, hasEnded: false };
    turns.push(own);
    printFirst();
    return {
      write: (text) => {
        own.text += text;
        if (turns[0] === own) printFirst();
      },
      end: () => {
        own.hasEnded = true;
        printFirst();
      },
    };
  };
}
