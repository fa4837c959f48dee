//! Drawing without Unicode.

use ratatui::buffer::Buffer;

/// Replaces everything in the buffer that is not ASCII by what comes nearest to it. One pass
/// over what was drawn, so that no view has to think of it.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let nearest = ascii(cell.symbol());
            cell.set_symbol(nearest);
        }
    }
}

fn ascii(symbol: &str) -> &'static str {
    match symbol {
        "─" | "━" | "–" | "—" | "‐" => "-",
        "│" | "┃" => "|",
        "┌" | "┐" | "└" | "┘" | "├" | "┤" | "┬" | "┴" | "┼" | "╭" | "╮" | "╰" | "╯" | "✓" => {
            "+"
        }
        "✗" => "x",
        "…" | "·" => ".",
        "≈" => "~",
        "▸" | "→" | "›" | "»" => ">",
        "◂" | "←" | "‹" | "«" => "<",
        "▾" | "↓" => "v",
        "▴" | "↑" => "^",
        "•" | "●" => "*",
        "▁" | "▂" => "_",
        "▃" | "▄" => "=",
        "▅" | "▆" => "%",
        "▇" | "█" => "#",
        "“" | "”" => "\"",
        "‘" | "’" => "'",
        "ä" | "á" | "à" | "â" | "å" => "a",
        "○" | "ö" | "ó" | "ò" | "ô" => "o",
        "ü" | "ú" | "ù" | "û" => "u",
        "é" | "è" | "ê" | "ë" => "e",
        _ => "?",
    }
}
