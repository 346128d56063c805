/** CodeMirror dressed in our tokens. */
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state'
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup } from 'codemirror'

const setErrorLines = StateEffect.define<readonly number[]>()

const errorLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(setErrorLines)) continue
      const { doc } = transaction.state
      const lines = [...new Set(effect.value)].filter((line) => line >= 1 && line <= doc.lines).sort((a, b) => a - b)
      next = Decoration.set(lines.map((line) => Decoration.line({ class: 'cm-error-line' }).range(doc.line(line).from)))
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--waiting)' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--accent)' },
  { tag: [tags.comment, tags.punctuation, tags.separator], color: 'var(--muted)' },
])

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '12px', color: 'var(--text)', backgroundColor: 'var(--ground)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--values)', lineHeight: '18px' },
  '.cm-gutters': { backgroundColor: 'var(--ground)', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--selection)',
  },
  '.cm-error-line': { backgroundColor: 'var(--failed-ground)', boxShadow: 'inset 2px 0 var(--failed)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 28px 6px 8px', fontSize: '12px' },
  '.cm-panel.cm-search label': { fontSize: '12px' },
  '.cm-textfield': {
    backgroundColor: 'var(--ground)',
    border: '1px solid var(--line)',
    borderRadius: '3px',
    fontSize: '12px',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'transparent',
    border: '1px solid var(--line)',
    borderRadius: '3px',
    color: 'var(--text)',
    fontSize: '12px',
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text)', right: '8px', top: '4px' },
  '.cm-searchMatch': { backgroundColor: 'var(--selection)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--raised)', border: '1px solid var(--line)', color: 'var(--muted)' },
})

export interface YamlEditor {
  text(): string
  replace(text: string): void
  setEditable(editable: boolean): void
  /** Marks lines, from 1, and shows the first of them. */
  markLines(lines: readonly number[]): void
  focus(): void
  destroy(): void
}

/** The editor's own words, with the keys of ours. */
export const editorPhrases = [
  ['Find', 'editor.find'],
  ['Replace', 'editor.replaceBy'],
  ['next', 'editor.next'],
  ['previous', 'editor.previous'],
  ['all', 'editor.all'],
  ['match case', 'editor.matchCase'],
  ['regexp', 'editor.regexp'],
  ['by word', 'editor.byWord'],
  ['replace', 'editor.replace'],
  ['replace all', 'editor.replaceAll'],
  ['close', 'editor.close'],
] as const

export interface YamlEditorOptions {
  readonly text: string
  /** For those who cannot see it. */
  readonly label: string
  readonly phrases: Readonly<Record<string, string>>
  /** Told of each edit by the user. */
  changed(): void
}

/** An editor inside `parent`. */
export function createYamlEditor(parent: HTMLElement, options: YamlEditorOptions): YamlEditor {
  const { text, label, phrases } = options
  const access = new Compartment()
  const readOnly = (on: boolean) => [EditorState.readOnly.of(on), EditorView.editable.of(!on)]
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      basicSetup,
      EditorState.phrases.of(phrases),
      yaml(),
      errorLines,
      theme,
      syntaxHighlighting(colours),
      access.of(readOnly(true)),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
      EditorView.updateListener.of(({ docChanged, transactions }) => {
        if (docChanged && transactions.some((one) => one.isUserEvent('input') || one.isUserEvent('delete')))
          options.changed()
      }),
    ],
  })
  return {
    text: () => view.state.doc.toString(),
    replace: (next) => {
      if (next === view.state.doc.toString()) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
    },
    setEditable: (editable) => view.dispatch({ effects: access.reconfigure(readOnly(!editable)) }),
    markLines: (lines) => {
      const first = lines[0]
      const shown =
        first === undefined || first > view.state.doc.lines
          ? []
          : [EditorView.scrollIntoView(view.state.doc.line(first).from, { y: 'center' })]
      view.dispatch({ effects: [setErrorLines.of(lines), ...shown] })
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}
