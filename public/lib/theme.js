// Before the first paint: `?tema=oscuro` or `?tema=claro` fixes the theme of a screen that has no settings of its own.
(() => {
  const wish = new URLSearchParams(location.search).get('tema');
  if (wish === 'oscuro' || wish === 'claro') document.documentElement.dataset.theme = wish === 'oscuro' ? 'dark' : 'light';
})();
