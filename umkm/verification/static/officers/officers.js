/* Stimulus controllers added to the admin's own application.
   Single letters obey the account's setting "keyboard shortcuts" and stay silent while typing or while a dialog is open.
   The admin's w-kbd does the first two but not the third, so letters are read here from aria-keyshortcuts. */
(() => {
  if (!window.StimulusModule || !window.wagtail) return;
  const { Controller } = window.StimulusModule;
  const app = window.wagtail.app;
  document.documentElement.classList.add('o-script');

  const config = JSON.parse(document.getElementById('wagtail-config')?.textContent || '{}');
  const keysOn = config.KEYBOARD_SHORTCUTS_ENABLED !== false;
  const isTyping = (element) => element.closest('input, textarea, select, [contenteditable="true"]') !== null;
  const dialogIsOpen = () => document.querySelector('.w-dialog:not([aria-hidden="true"])') !== null;
  const isShown = (element) => element.getClientRects().length > 0;
  const isQuiet = (event) => event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || dialogIsOpen();

  if (keysOn) {
    document.addEventListener('keydown', (event) => {
      if (event.key.length !== 1 || event.defaultPrevented || isQuiet(event)) return;
      const wanted = `[aria-keyshortcuts="${CSS.escape(event.key.toLowerCase())}"]`;
      const all = [...document.querySelectorAll(wanted)];
      const target = all.find(isShown) || all[0];
      if (!target) return;
      event.preventDefault();
      target.click();
    });
  }

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  };

  const fillReason = (field, words) => {
    if (!field) return;
    field.value = field.value.trim() ? `${field.value.trim()} ${words}` : words;
    field.focus();
  };

  /* J and K: rows of the queue, checks of a case. */
  app.register('officers-rows', class extends Controller {
    static targets = ['row'];

    connect() {
      this.index = this.rowTargets.findIndex((row) => row.hasAttribute('aria-current'));
      this.onKey = this.onKey.bind(this);
      if (keysOn) document.addEventListener('keydown', this.onKey);
    }

    disconnect() {
      document.removeEventListener('keydown', this.onKey);
    }

    onKey(event) {
      if (isQuiet(event)) return;
      const rows = this.rowTargets;
      const step = { j: 1, k: -1 }[event.key];
      if (step && rows.length) {
        event.preventDefault();
        this.index = Math.max(0, Math.min(rows.length - 1, this.index + step));
        rows.forEach((row, index) => row.classList.toggle('o-here', index === this.index));
        const row = rows[this.index];
        (row.hasAttribute('tabindex') ? row : row.querySelector('a, button'))?.focus({ preventScroll: true });
        rows[this.index].scrollIntoView({ block: 'nearest' });
      } else if (event.key === 'a' && rows[this.index]) {
        rows[this.index].querySelector('[data-officers-claim]')?.click();
      }
    }
  });

  /* The case: results are saved at once and again when the connection was lost; decisions ask in a dialog. */
  app.register('officers-case', class extends Controller {
    static targets = ['check', 'form', 'problem', 'lost', 'copied'];
    static values = { lost: String };

    connect() {
      let seen = null;
      try {
        seen = localStorage.getItem('wagtail:side-panel-open');
      } catch { /* private mode */ }
      const wantsPaper = new URLSearchParams(location.search).has('dok');
      if ((seen === null || wantsPaper) && window.innerWidth >= 1100) {
        setTimeout(() => this.panel?.dispatchEvent(new Event('open')), 50);
      }
      this.element.querySelector('.o-alert')?.focus();
    }

    disconnect() {
      clearTimeout(this.retry);
    }

    get panel() {
      return document.querySelector('[data-side-panel="papers"]');
    }

    /* The link opens the paper by itself; on a desk the panel only has to be open. */
    showPaper() {
      try {
        localStorage.setItem('wagtail:side-panel-open', 'papers');
      } catch { /* private mode */ }
    }

    async copyNumber(event) {
      const number = event.currentTarget.dataset.number;
      if (number && await copy(number) && this.hasCopiedTarget) {
        this.copiedTarget.textContent = this.copiedTarget.dataset.copied;
      }
    }

    useReason(event) {
      fillReason(this.formTarget.querySelector('textarea'), event.currentTarget.dataset.reason);
    }

    paste(event) {
      const file = [...(event.clipboardData?.files || [])][0];
      const field = this.hasFormTarget && this.formTarget.querySelector('input[type="file"]');
      if (!file || !field) return;
      const list = new DataTransfer();
      list.items.add(file);
      field.files = list.files;
    }

    nextCheck(event) {
      const next = this.checkTargets.find((check) => !check.classList.contains('o-check--ok'));
      if (!next) return;
      if (!next.querySelector('.o-results')) return;
      event.preventDefault();
      next.scrollIntoView({ block: 'center' });
      next.focus({ preventScroll: true });
    }

    ask(event) {
      const dialog = document.getElementById(event.currentTarget.dataset.dialog);
      if (!dialog) return;
      event.preventDefault();
      dialog.dispatchEvent(new CustomEvent('w-dialog:show'));
    }

    save(event) {
      if (event.type !== 'submit') return;
      const form = event.currentTarget;
      const result = event.submitter?.value;
      const reason = form.querySelector('textarea');
      if (result === 'problem' && !reason.value.trim() && this.hasProblemTarget) {
        event.preventDefault();
        this.problemTarget.open = true;
        reason.focus();
        return;
      }
      event.preventDefault();
      const data = new FormData(form);
      data.set('result', result);
      form.querySelectorAll('.o-results button').forEach((button) => { button.disabled = true; });
      this.send(form, data);
    }

    async send(form, data) {
      let response;
      try {
        response = await fetch(form.action, { method: 'POST', body: data, headers: { Accept: 'text/html' } });
      } catch {
        const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
        this.lostTarget.textContent = this.lostValue.replace('{time}', time.format(new Date()));
        this.lostTarget.hidden = false;
        this.retry = setTimeout(() => this.send(form, data), 5000);
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const fresh = page.querySelector('.o-case');
      if (!fresh) {
        location.assign(response.url);
        return;
      }
      const open = fresh.querySelector('[aria-current="step"]');
      // The dialogs were moved out of the case; the fresh case brings its own.
      ['approve', 'return', 'reject'].forEach((id) => document.getElementById(id)?.remove());
      this.element.replaceWith(document.adoptNode(fresh));
      if (response.ok && response.redirected) history.replaceState(null, '', response.url);
      open?.scrollIntoView({ block: 'nearest' });
      // Not a field of it: letters are keys there, and the next result is one key away.
      (fresh.querySelector('.o-alert') || open)?.focus({ preventScroll: true });
    }
  });

  /* The return letter: one more row, ready-made reasons. */
  app.register('officers-letter', class extends Controller {
    static targets = ['row'];

    add() {
      const hidden = this.rowTargets.find((row) => row.hidden);
      if (hidden) {
        hidden.hidden = false;
        hidden.querySelector('select')?.focus();
        return;
      }
      const total = this.element.querySelector('[name$="-TOTAL_FORMS"]');
      const index = Number(total.value);
      const last = this.rowTargets[this.rowTargets.length - 1];
      const row = last.cloneNode(true);
      const from = `-${index - 1}-`;
      const to = `-${index}-`;
      row.querySelectorAll('[name], [id], [for]').forEach((element) => {
        ['name', 'id', 'for'].forEach((name) => {
          const value = element.getAttribute(name);
          if (value) element.setAttribute(name, value.replace(from, to));
        });
      });
      row.querySelectorAll('textarea, select').forEach((field) => { field.value = ''; });
      row.querySelectorAll('.o-trouble, legend .o-sub').forEach((element) => element.remove());
      row.querySelector('legend').textContent = `${last.querySelector('legend').dataset.word || ''} ${index + 1}`.trim();
      total.value = index + 1;
      last.after(row);
      row.querySelector('select')?.focus();
    }

    useReason(event) {
      const row = event.currentTarget.closest('fieldset');
      fillReason(row.querySelector('textarea'), event.currentTarget.dataset.reason);
    }
  });

  /* One paper: bigger, smaller, turned. Classes, since a strict policy refuses style attributes. */
  app.register('officers-paper', class extends Controller {
    static targets = ['page'];

    connect() {
      this.zoom = 0;
      this.turns = 0;
    }

    bigger() {
      this.zoom = Math.min(this.zoom + 1, 3);
      this.draw();
    }

    smaller() {
      this.zoom = Math.max(this.zoom - 1, 0);
      this.draw();
    }

    turn() {
      this.turns = (this.turns + 1) % 4;
      this.draw();
    }

    draw() {
      if (!this.hasPageTarget) return;
      this.pageTarget.dataset.zoom = this.zoom;
      this.pageTarget.dataset.turns = this.turns;
    }

    async copy(event) {
      const button = event.currentTarget;
      if (await copy(button.dataset.number)) button.classList.add('o-icon-button--done');
    }
  });

  // What was refused comes to the eye and to the screen reader: the first fault of a form that came back gets the focus.
  // Wagtail's own editing pages do it themselves.
  const fault = '.o-decide .o-trouble, form:not([data-edit-form]) .w-field--error :is(input, select, textarea):not([type=hidden])';
  const showFault = () => {
    const first = document.querySelector(fault);
    if (!first || document.activeElement !== document.body) return;
    if (first.matches('.o-trouble')) first.tabIndex = -1;
    first.focus();
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', showFault);
  else showFault();
})();
