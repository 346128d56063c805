import type { GlobalThemeOverrides } from 'naive-ui'
import { fonts, sizes, type Tokens } from './tokens.ts'

/** Naive UI's theme from our tokens, so that no component has a colour of its own. */
export function naiveTheme(tokens: Tokens): GlobalThemeOverrides {
  return {
    common: {
      primaryColor: tokens.accent,
      primaryColorHover: tokens.accent,
      primaryColorPressed: tokens.accent,
      primaryColorSuppl: tokens.accent,
      successColor: tokens.running,
      infoColor: tokens.waiting,
      warningColor: tokens.warning,
      errorColor: tokens.failed,
      bodyColor: tokens.ground,
      cardColor: tokens.raised,
      modalColor: tokens.raised,
      popoverColor: tokens.raised,
      tableColor: tokens.raised,
      tableHeaderColor: tokens.raised,
      inputColor: tokens.ground,
      borderColor: tokens.line,
      dividerColor: tokens.line,
      textColorBase: tokens.text,
      textColor1: tokens.text,
      textColor2: tokens.text,
      textColor3: tokens.muted,
      placeholderColor: tokens.muted,
      fontFamily: fonts.words,
      fontFamilyMono: fonts.values,
      fontSize: `${sizes.body}px`,
      fontSizeMedium: `${sizes.body}px`,
      borderRadius: '4px',
      borderRadiusSmall: '3px',
      heightMedium: '30px',
      heightSmall: '26px',
    },
    DataTable: { fontSizeSmall: `${sizes.table}px`, thPaddingSmall: '5px 10px', tdPaddingSmall: '4px 10px' },
  }
}
