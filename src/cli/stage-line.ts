/** What a long command is at: drawn over itself on a terminal, and nothing elsewhere, where its result is enough. */
export interface StageLine {
  /** @param share done of this stage, 0 to 1; null for what can't be told */
  show(stage: string, share: number | null): void;
  /** Leaves the terminal at the beginning of an empty line. */
  end(): void;
}

const clearLine = '\r\u001b[K';

export function createStageLine(output: {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}): StageLine {
  let shown = '';
  return {
    show(stage, share) {
      const text = share === null ? `${stage} …` : `${stage} ${Math.floor(share * 100)} %`;
      if (output.isTTY !== true || text === shown) return;
      output.write(`${clearLine}${text}`);
      shown = text;
    },
    end() {
      if (shown !== '') output.write(clearLine);
      shown = '';
    },
  };
}
