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
	case '▓':
		return '+'
	case '▒', '·', '…':
		return '.'
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
	return '?'
}
