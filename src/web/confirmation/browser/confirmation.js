/** The receipt with scripts on: no key in the address once it isn't needed, times in the reader's zone, a print button. */

if (new URLSearchParams(location.search).has('key')) {
  dropKeptKey().catch(() => {
    // Offline: the address stays as it is.
  });
}

/**
 * The service sends a browser on to the address without the key when the key's cookie has come back. This page may
 * have set that cookie itself, so it asks once more. Without the cookie the key stays: a reload needs it.
 */
async function dropKeptKey() {
  const { type } = await fetch(location.href, { method: 'HEAD', redirect: 'manual' });
  if (type === 'opaqueredirect') history.replaceState(history.state, '', location.pathname);
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
