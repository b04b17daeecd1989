/** The reference with scripts on: a button that copies each block of code. */

for (const figure of document.querySelectorAll('figure.code')) {
  const code = figure.querySelector('code');
  // The clipboard is only there on https and on localhost.
  if (code === null || navigator.clipboard === undefined) continue;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button quiet small copy';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent ?? '');
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });
  figure.append(button);
}
