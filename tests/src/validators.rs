//! Papers, checked by tools that nobody here wrote: many in one run of `tests/validators/validate.py`,
//! whose opening says what is checked and what these tools do not see. A run takes some seconds whatever
//! the number of papers: collect them, and check them at once.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;
use xtask::servers::Scratch;
use xtask::setup;
use xtask::workspace::Workspace;

/// Longer than the program itself waits for any of its tools.
const PATIENCE: Duration = Duration::from_secs(300);

static RUNS: AtomicU32 = AtomicU32::new(0);

const OF_EVERY_PAPER: [&str; 2] = ["PDF/A-3B", "qpdf"];
const OF_AN_INVOICE: [&str; 4] = ["EN 16931", "FR-CTC", "XSD", "total on the page"];
const OF_A_PRO_FORMA: [&str; 1] = ["nothing inside"];

/// A file to check, with the name that complaints call it by.
#[derive(Clone, Debug)]
pub struct Paper {
    pub name: String,
    pub pdf: Vec<u8>,
    has_xml: bool,
}

impl Paper {
    /// An invoice or a credit note: its XML is inside.
    pub fn invoice(name: impl Into<String>, pdf: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            pdf: pdf.into(),
            has_xml: true,
        }
    }

    /// A paper that is no invoice, and has nothing inside.
    pub fn pro_forma(name: impl Into<String>, pdf: impl Into<Vec<u8>>) -> Self {
        Self {
            has_xml: false,
            ..Self::invoice(name, pdf)
        }
    }

    fn checks(&self) -> Vec<&'static str> {
        let mut checks = OF_EVERY_PAPER.to_vec();
        if self.has_xml {
            checks.extend(OF_AN_INVOICE);
        } else {
            checks.extend(OF_A_PRO_FORMA);
        }
        checks.sort_unstable();
        checks
    }
}

/// For each check, what its tool complains about.
pub type Complaints = BTreeMap<String, Vec<String>>;

/// Panics with every complaint if there is one about any of the papers.
pub async fn check(papers: &[Paper]) {
    let mut found = complaints(papers).await;
    for checks in found.values_mut() {
        checks.retain(|_, said| !said.is_empty());
    }
    found.retain(|_, checks| !checks.is_empty());
    assert!(found.is_empty(), "papers are refused: {found:#?}");
}

/// What is said about each paper, by its name. Every check that is due to a paper was made, or this panics.
pub async fn complaints(papers: &[Paper]) -> BTreeMap<String, Complaints> {
    assert!(!papers.is_empty(), "there is no paper to check");
    let workspace = Workspace::find().unwrap();
    let name = format!("validators{}", RUNS.fetch_add(1, Ordering::Relaxed));
    let folder = Scratch::create(&workspace, &name).await.unwrap();
    // Numbers, because a name may be anything.
    let (mut invoices, mut pro_formas) = (Vec::new(), Vec::new());
    for (number, paper) in papers.iter().enumerate() {
        let file = format!("{number}.pdf");
        std::fs::write(folder.path().join(&file), &paper.pdf).unwrap();
        if paper.has_xml {
            invoices.push(file);
        } else {
            pro_formas.push(file);
        }
    }
    let mut program = Command::new(setup::python(&workspace));
    program
        .arg(workspace.root().join("tests/validators/validate.py"))
        .arg("--invoice")
        .args(invoices)
        .arg("--pro-forma")
        .args(pro_formas)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(PATIENCE, program.output())
        .await
        .expect("the validators end")
        .expect("`cargo xtask test` installs the validators");
    let mut said: BTreeMap<String, Complaints> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            panic!("the validators say nothing ({error}): {complaint}")
        });
    let mut by_name = BTreeMap::new();
    for (number, paper) in papers.iter().enumerate() {
        let said = said.remove(&format!("{number}.pdf")).unwrap_or_default();
        let made: Vec<&str> = said.keys().map(String::as_str).collect();
        assert_eq!(made, paper.checks(), "the checks of {}", paper.name);
        let other = by_name.insert(paper.name.clone(), said);
        assert!(other.is_none(), "two papers are called {}", paper.name);
    }
    by_name
}
