/**
 * How many requests a profile owes by a time: the integral of its rate, exact at every point, so that a
 * profile gives the intended number however seldom it is looked at.
 */
import type { ArrivalProfile } from '../control/run-plan.ts';

/** Requests a second. @param second since the profile began, 0 and up */
export function rateAt(profile: ArrivalProfile, second: number): number {
  switch (profile.shape) {
    case 'constant':
      return profile.perSecond;
    case 'ramp': {
      const { fromPerSecond: from, toPerSecond: to, overSeconds } = profile;
      return second >= overSeconds ? to : from + ((to - from) * second) / overSeconds;
    }
    case 'step': {
      const { fromPerSecond: from, byPerSecond, everySeconds, toPerSecond: to } = profile;
      return Math.min(to, from + byPerSecond * Math.floor(second / everySeconds));
    }
    case 'spike': {
      const { perSecond, peakPerSecond, atSecond, forSeconds } = profile;
      return second >= atSecond && second < atSecond + forSeconds ? peakPerSecond : perSecond;
    }
    case 'sine': {
      const { perSecond, amplitudePerSecond, periodSeconds } = profile;
      return Math.max(0, perSecond + amplitudePerSecond * Math.sin((2 * Math.PI * second) / periodSeconds));
    }
  }
}

/** Requests due from the profile's beginning until `second`. */
export function dueBy(profile: ArrivalProfile, second: number): number {
  switch (profile.shape) {
    case 'constant':
      return profile.perSecond * second;
    case 'ramp': {
      const { fromPerSecond: from, toPerSecond: to, overSeconds } = profile;
      const rising = Math.min(second, overSeconds);
      const slope = overSeconds === 0 ? 0 : (to - from) / overSeconds;
      return from * rising + (slope * rising ** 2) / 2 + to * (second - rising);
    }
    case 'step': {
      const { fromPerSecond: from, byPerSecond: by, everySeconds, toPerSecond: to } = profile;
      const stepsToTop = from >= to ? 0 : Math.ceil((to - from) / by);
      const steps = Math.min(stepsToTop, Math.floor(second / everySeconds));
      const whole = everySeconds * (steps * from + (by * steps * (steps - 1)) / 2);
      return whole + (second - steps * everySeconds) * Math.min(to, from + steps * by);
    }
    case 'spike': {
      const { perSecond, peakPerSecond, atSecond, forSeconds } = profile;
      const within = Math.min(Math.max(0, second - atSecond), forSeconds);
      return perSecond * second + (peakPerSecond - perSecond) * within;
    }
    case 'sine':
      return dueBySine(profile, second);
  }
}

function dueBySine(profile: Extract<ArrivalProfile, { shape: 'sine' }>, second: number): number {
  const { perSecond: mean, amplitudePerSecond: amplitude, periodSeconds } = profile;
  const angle = (2 * Math.PI * second) / periodSeconds;
  /** Of the curve as it is, below zero too. */
  const area = (to: number) => mean * to + amplitude * (1 - Math.cos(to));
  let due = area(angle);
  if (amplitude > mean) {
    // Where the curve is below zero nothing is due: that part of each period is taken out.
    const crossing = Math.asin(mean / amplitude);
    const [below, above] = [Math.PI + crossing, 2 * Math.PI - crossing];
    const periods = Math.floor(angle / (2 * Math.PI));
    const within = Math.min(Math.max(angle - periods * 2 * Math.PI, below), above);
    due -= periods * (area(above) - area(below)) + area(within) - area(below);
  }
  return (due * periodSeconds) / (2 * Math.PI);
}
