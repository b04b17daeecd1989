import type { ArrivalProfile, Pace } from './run-plan.ts';

/** A pace in a few words, such as "1,000 users, 100 more each second". */
export function paceWords(pace: Pace): string {
  return pace.kind === 'users'
    ? `${shown(pace.users)} users, ${shown(pace.spawnPerSecond)} more each second`
    : `${profileWords(pace.profile)}, at most ${shown(pace.usersMax)} at once`;
}

function profileWords(profile: ArrivalProfile): string {
  switch (profile.shape) {
    case 'constant':
      return `${shown(profile.perSecond)} requests a second`;
    case 'ramp':
      return `${shown(profile.fromPerSecond)} to ${shown(profile.toPerSecond)} requests a second over ${shown(profile.overSeconds)} s`;
    case 'step':
      return (
        `${shown(profile.fromPerSecond)} to ${shown(profile.toPerSecond)} requests a second, ` +
        `${shown(profile.byPerSecond)} more every ${shown(profile.everySeconds)} s`
      );
    case 'spike':
      return (
        `${shown(profile.perSecond)} requests a second, ${shown(profile.peakPerSecond)} ` +
        `from second ${shown(profile.atSecond)} on for ${shown(profile.forSeconds)} s`
      );
    case 'sine':
      return (
        `${shown(profile.perSecond)} ± ${shown(profile.amplitudePerSecond)} requests a second ` +
        `every ${shown(profile.periodSeconds)} s`
      );
  }
}

function shown(value: number): string {
  return value.toLocaleString('en');
}
