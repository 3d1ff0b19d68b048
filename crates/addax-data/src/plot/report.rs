//! A report in one HTML file: headings, texts, tables, drawings. It needs no network and no script.

use crate::atomic;
use addax_core::{Error, Result};
use std::path::Path;

/// A page that is put together from above to below.
///
/// ```
/// use addax_data::Figure;
/// use addax_data::plot::Report;
/// let page = Report::new("A run").heading("Curves").drawing(&Figure::new().line("loss", &[2.0, 1.0]).svg())
///     .table(&["epoch", "loss"], &[vec!["1".into(), "2.0".into()]]).html();
/// assert!(page.contains("<svg") && page.contains("<td>2.0</td>"));
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    body: String,
    /// Whether drawings stand side by side at the moment.
    row: bool,
}

const STYLE: &str = "\
:root{color-scheme:light}\
body{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;color:#1a1a1a;background:#f5f6f8;margin:0}\
main{max-width:1080px;margin:0 auto;padding:24px 20px 48px}\
h1{font-size:26px;margin:8px 0 20px}\
h2{font-size:18px;margin:32px 0 12px;padding-bottom:6px;border-bottom:1px solid #d9dde3}\
.row{display:flex;flex-wrap:wrap;gap:16px}\
figure{flex:1 1 420px;margin:0;background:#fff;border:1px solid #e1e4ea;border-radius:8px;padding:10px;text-align:center}\
figure svg{max-width:100%;height:auto}\
.scroll{overflow:auto;max-height:420px;background:#fff;border:1px solid #e1e4ea;border-radius:8px}\
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}\
th,td{padding:5px 12px;text-align:right;border-bottom:1px solid #eef0f3;white-space:nowrap}\
th{position:sticky;top:0;background:#eef1f5;font-weight:600}\
th:first-child,td:first-child{text-align:left}\
pre{background:#fff;border:1px solid #e1e4ea;border-radius:8px;padding:12px;white-space:pre-wrap;font-size:13px;line-height:1.35;\
font-family:'DejaVu Sans Mono',Consolas,Menlo,monospace}\
@media print{body{background:#fff}.scroll{max-height:none}}";

/// Text as HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Report {
    /// An empty page.
    pub fn new(title: &str) -> Report {
        Report { title: escape(title), body: String::new(), row: false }
    }

    fn push(mut self, html: &str) -> Self {
        if self.row {
            self.body += "</div>\n";
        }
        self.row = false;
        self.body += html;
        self
    }

    /// Begins a section.
    pub fn heading(self, text: &str) -> Self {
        self.push(&format!("<h2>{}</h2>\n", escape(text)))
    }

    /// A paragraph.
    pub fn text(self, text: &str) -> Self {
        self.push(&format!("<p>{}</p>\n", escape(text)))
    }

    /// Text as it is, in letters of one width.
    pub fn preformatted(self, text: &str) -> Self {
        self.push(&format!("<pre>{}</pre>\n", escape(text)))
    }

    /// A drawing as SVG; drawings that follow one another stand side by side where there is room.
    pub fn drawing(mut self, svg: &str) -> Self {
        if !self.row {
            self.body += "<div class=\"row\">\n";
        }
        self.row = true;
        self.body += &format!("<figure>\n{svg}</figure>\n");
        self
    }

    /// A table.
    pub fn table(self, heads: &[&str], rows: &[Vec<String>]) -> Self {
        let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| -> String {
            let all: String = cells.map(|c| format!("<{tag}>{}</{tag}>", escape(c))).collect();
            format!("<tr>{all}</tr>\n")
        };
        let head = cells("th", &mut heads.iter().copied());
        let body: String = rows.iter().map(|r| cells("td", &mut r.iter().map(String::as_str))).collect();
        self.push(&format!(
            "<div class=\"scroll\"><table>\n<thead>{head}</thead>\n<tbody>\n{body}</tbody></table></div>\n"
        ))
    }

    /// The page.
    pub fn html(&self) -> String {
        let end = if self.row { "</div>\n" } else { "" };
        format!(
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style></head>\n<body><main>\n<h1>{title}</h1>\n{body}{end}</main></body></html>\n",
            title = self.title,
            body = self.body
        )
    }

    /// Writes the page to a file that ends in `.html`.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if path.extension().is_none_or(|e| e != "html") {
            let e = Error::value(path.display().to_string()).expected("a file ending in .html");
            return Err(e.got(path.extension().map_or("none".into(), |e| e.display().to_string())));
        }
        atomic::write(path, self.html().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let page = Report::new("<script>").heading("a & b").text("\"<b>\"").preformatted("1 < 2").html();
        assert!(!page.contains("<script") && !page.contains("<b>"));
        assert!(page.contains("a &amp; b") && page.contains("1 &lt; 2"));
    }

    #[test]
    fn drawings_stand_side_by_side_until_something_else_comes() {
        let page = Report::new("r").drawing("<svg/>").drawing("<svg/>").text("t").drawing("<svg/>").html();
        assert_eq!(page.matches("class=\"row\"").count(), 2);
        assert_eq!(page.matches("<div").count(), page.matches("</div>").count());
    }

    #[test]
    fn other_endings_are_refused() {
        let e = Report::new("r").save("report.pdf").unwrap_err().to_string();
        assert_eq!(e, "report.pdf: expected a file ending in .html, got pdf");
    }
}
