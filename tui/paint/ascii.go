package paint

// ascii returns the ASCII character that stands for a sign, or "?" for a letter
// that has none.
func ascii(r rune) rune {
	if r < 0x7f {
		return r
	}
	switch r {
	case '─', '╌', '━', '⎺', '⎻', '⎼', '⎽', '–', '—':
		return '-'
	case '│', '├', '┤', '┃', '╎':
		return '|'
	case '┄', '┆': // a line that must not be taken for '─'
		return '='
	case '╭', '╮', '╰', '╯', '┌', '┐', '└', '┘', '┬', '┴', '┼', '▾':
		return '+'
	case '▸', '→', '▶', '›':
		return '>'
	case '◂', '←', '‹':
		return '<'
	case '↑', '▲':
		return '^'
	case '↓', '▼':
		return 'v'
	case '▐':
		return '['
	case '▌':
		return ']'
	case '█':
		return '#'
	case 'µ':
		return 'u'
	case '▓':
		return '+'
	case '▒', '·', '…':
		return '.'
	case '§':
		return 's'
	case '░':
		return ' '
	case '╳', '×':
		return 'X'
	case '●', '•', '■':
		return '*'
	case '❚':
		return '"'
	case '✓':
		return 'v'
	case '✗':
		return 'x'
	}
	if r >= '▁' && r <= '▇' { // bars of an eighth to seven
		return []rune("_.-=+*#")[r-'▁']
	}
	if r >= 0x2800 && r <= 0x28ff { // dots, two by four
		return dots(r)
	}
	return '?'
}

// dots returns where the dots of a Braille pattern are: above, below, or both.
func dots(r rune) rune {
	const upper, lower = 0x01 | 0x02 | 0x08 | 0x10, 0x04 | 0x40 | 0x20 | 0x80
	switch above, below := r&upper != 0, r&lower != 0; {
	case above && below:
		return ':'
	case above:
		return '\''
	case below:
		return '.'
	}
	return ' '
}
