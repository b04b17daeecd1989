/** The processor time of a start. Unlike time on a clock, it hardly depends on other programs. */

/** In ms, of all threads, the least of several starts. @param isOpen whether the output shows that the service is open */
export async function leastCpuMs(
  rounds: number,
  command: readonly string[],
  { cwd, isOpen }: { readonly cwd: () => string; readonly isOpen: (output: string) => Promise<boolean> },
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const child = Bun.spawn([...command], {
      cwd: cwd(),
      env: { PORT: '0', LOG_FILE: '' },
      stdout: 'pipe',
      stderr: 'inherit',
    });
    let output = '';
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      if (await isOpen(output)) break;
    }
    child.kill('SIGKILL');
    await child.exited;
    const used = child.resourceUsage()?.cpuTime.total ?? Number.NaN;
    least = Math.min(least, Number(used) / 1_000);
  }
  return least;
}
