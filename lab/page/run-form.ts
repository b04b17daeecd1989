/** The forms: a new run, and another pace for the one that goes on. */
import { type Html, html } from '../../src/web/html.ts';
import { inputField, selectField } from './fields.ts';

const form = 'run';

export function renderRunForm(): string {
  return html`<form class="card run-form" id="run-form" aria-labelledby="run-form-title" novalidate hidden>
<div class="form-head"><h2 id="run-form-title">New run</h2><p class="form-problem field-error" id="run-problem" role="alert"></p></div>
<fieldset class="group"><legend>What is sent</legend>
<div class="field wide"><label for="run-scenario">Scenario</label><select class="input" id="run-scenario" name="scenario" aria-describedby="scenario-about run-scenario-error"></select><p class="hint about" id="scenario-about"></p><p class="field-error" id="run-scenario-error"></p></div>
${inputField({ form, name: 'host', label: 'Host', isText: true, placeholder: 'The lab’s own service', hint: 'Empty: the lab starts a service of its own, with a new database for each run.' })}
<div class="field check" id="host-is-mine-field"><label for="run-hostIsMine"><input type="checkbox" id="run-hostIsMine" name="hostIsMine"> It is mine, and I may load it</label><p class="field-error" id="run-hostIsMine-error"></p></div>
</fieldset>
<fieldset class="group"><legend>How much</legend>
${kindChoice()}
${paceFields(form)}
</fieldset>
<fieldset class="group"><legend>How long</legend>
<div class="field-row">
${inputField({ form, name: 'seconds', label: 'Run time', unit: 's', hint: 'After the warm-up.' })}
${inputField({ form, name: 'warmupSeconds', label: 'Warm-up', unit: 's', hint: 'Sent, but not counted.' })}
</div>
<div class="field check"><label for="run-endless"><input type="checkbox" id="run-endless"> Until I stop it</label></div>
</fieldset>
<fieldset class="group hold"><legend>What must hold</legend>
<div class="field-row">
${inputField({ form, name: 'objective.p99MsMax', label: 'p99 at most', unit: 'ms' })}
${inputField({ form, name: 'objective.failureShareMax', label: 'Failures at most', unit: '%' })}
${inputField({ form, name: 'objective.requestsPerSecondMin', label: 'At least', unit: 'requests/s' })}
</div>
<p class="hint">Empty: not looked at. That no order is lost or doubled is always checked.</p>
</fieldset>
<p class="form-actions"><button class="button primary start" id="start">Start the run</button></p>
<details class="group more"><summary>Connections, workers, seed, time-out</summary>
<div class="field-row">
${selectField({ form, name: 'connections', label: 'Connections' }, [
  ['keep-alive', 'Keep alive'],
  ['each-request', 'New for each request'],
])}
${inputField({ form, name: 'workers', label: 'Workers', hint: 'Processes that send.' })}
${inputField({ form, name: 'seed', label: 'Seed', hint: 'Same seed, same users.' })}
${inputField({ form, name: 'timeoutMs', label: 'Time-out', unit: 'ms' })}
</div>
</details>
</form>
<form class="card pace-form" id="pace-form" aria-labelledby="pace-form-title" novalidate hidden>
<h2 id="pace-form-title">Change the running load</h2>
<p class="form-problem field-error" id="pace-problem" role="alert"></p>
${paceFields('pace')}
<p class="form-actions"><button class="button primary">Change it now</button> <button class="button quiet" type="button" id="pace-cancel">Leave it as it is</button></p>
</form>`.text;
}

function kindChoice(): Html {
  return html`<div class="segments" role="radiogroup" aria-label="Kind of load">
<label><input type="radio" name="kind" value="users" checked><span>Users</span></label>
<label><input type="radio" name="kind" value="arrivals"><span>Arrivals</span></label>
</div>`;
}

function paceFields(prefix: string): Html {
  const input = (name: string, label: string, unit: string, shapes?: string) =>
    inputField({ form: prefix, name: `pace.${name}`, label, unit, ...(shapes !== undefined && { shapes }) });
  const perSecond = 'requests/s';
  return html`<div class="kind" data-kind="users">
<div class="field-row">${input('users', 'Users', 'at once')}${input('spawnPerSecond', 'Spawn rate', 'users/s')}</div>
<p class="hint">Each sends the next request when the last was answered: a slow service is asked less.</p>
</div>
<div class="kind" data-kind="arrivals" hidden>
<div class="field-row">
${selectField({ form: prefix, name: 'pace.profile.shape', label: 'Profile' }, [
  ['constant', 'Constant'],
  ['ramp', 'Ramp'],
  ['step', 'Steps'],
  ['spike', 'Spike'],
  ['sine', 'Sine wave'],
])}
${input('profile.perSecond', 'Rate', perSecond, 'constant spike sine')}
${input('profile.fromPerSecond', 'From', perSecond, 'ramp step')}
${input('profile.toPerSecond', 'To', perSecond, 'ramp step')}
${input('profile.overSeconds', 'Over', 's', 'ramp')}
${input('profile.byPerSecond', 'Up by', perSecond, 'step')}
${input('profile.everySeconds', 'Every', 's', 'step')}
${input('profile.peakPerSecond', 'Peak', perSecond, 'spike')}
${input('profile.atSecond', 'At second', 's', 'spike')}
${input('profile.forSeconds', 'For', 's', 'spike')}
${input('profile.amplitudePerSecond', 'Up and down by', perSecond, 'sine')}
${input('profile.periodSeconds', 'Period', 's', 'sine')}
${input('usersMax', 'Users', 'at most')}
</div>
<p class="hint">Requests are due whatever the answers; one that waits counts its waiting.</p>
</div>`;
}
