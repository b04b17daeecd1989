/** The receipt with scripts on: no key in the address bar, times in the reader's zone, a print button. */

const address = new URL(location.href);
if (address.searchParams.has('key')) {
  address.searchParams.delete('key');
  history.replaceState(history.state, '', address);
}

const localTime = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
});

// The UTC time stays within reach, in the title the server wrote.
for (const time of document.querySelectorAll('time')) {
  time.textContent = localTime.format(new Date(time.dateTime));
}

document.getElementById('print')?.addEventListener('click', () => window.print());
