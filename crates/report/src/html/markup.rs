//! Escaping and tables.

/// Text as it may stand between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters are not allowed in HTML, and invisible anyway.
            control if control.is_control() && !matches!(control, '\n' | '\t') => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// A table that scrolls sideways on a narrow screen. Cells are markup; the first of each row names it.
pub(crate) fn table(class: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let rows: String = rows
        .iter()
        .map(|row| {
            let mut cells = row.iter();
            let first = cells.next().map_or(String::new(), |cell| format!("<th scope=\"row\">{cell}</th>"));
            let rest: String = cells.map(|cell| format!("<td>{cell}</td>")).collect();
            format!("<tr>{first}{rest}</tr>")
        })
        .collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table class=\"{class}\"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n"
    )
}

/// A number with a smaller second line.
pub(crate) fn two_lines(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first}<small>{second}</small>") }
}

/// As [`two_lines`], but the second line is a text that may break.
pub(crate) fn with_reason(first: &str, reason: &str) -> String {
    if reason.is_empty() { first.to_owned() } else { format!("{first}<small class=\"reason\">{reason}</small>") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_markup() {
        assert_eq!(escape("<script>&\"'\u{0}"), "&lt;script&gt;&amp;&quot;&#39;\u{fffd}");
    }
}
