/** How a process is told to stop, which differs by platform. */

/**
 * On Windows nobody can send SIGTERM (it kills); Ctrl-Break and the closing of the console arrive as signals of
 * their own. Elsewhere SIGHUP stays out of it: listening for it would undo what `nohup` has set (as Node does by itself).
 */
export function stopSignals(platform: NodeJS.Platform): readonly NodeJS.Signals[] {
  return platform === 'win32' ? ['SIGTERM', 'SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGTERM', 'SIGINT'];
}

/** By which a process ends itself after one of them: Windows knows only a few that do. */
export function endSignal(asked: NodeJS.Signals, platform: NodeJS.Platform): NodeJS.Signals {
  return platform === 'win32' ? 'SIGTERM' : asked;
}
