//! The papers of `crates/invoice` before tools that nobody here wrote, and the proof that each of these
//! tools refuses what is wrong.

// The sample papers name their crate as a stranger does.
#[cfg(test)]
extern crate invoice as comptoir_invoice;

#[cfg(test)]
#[path = "../../crates/invoice/examples/samples/files.rs"]
mod files;
#[cfg(test)]
#[path = "../../crates/invoice/examples/samples/papers.rs"]
mod papers;

#[cfg(test)]
mod tests {
    use comptoir_invoice::{Invoice, Kind, pdf};
    use comptoir_tests::validators::{self, Paper};
    use lopdf::{Document, Object, Stream};

    use super::files::{self, Sample};
    use super::papers;

    #[tokio::test]
    async fn every_sample_passes_tools_that_nobody_here_wrote() {
        let paper = |Sample { name, invoice, pdf }| match invoice.kind {
            Kind::ProForma => Paper::pro_forma(name, pdf),
            Kind::Invoice { .. } | Kind::CreditNote { .. } => Paper::invoice(name, pdf),
        };
        let samples: Vec<Paper> = files::all().unwrap().into_iter().map(paper).collect();
        validators::check(&samples).await;
    }

    /// Each paper has one mistake, and the checks that must complain about it: these and no other.
    #[tokio::test]
    async fn a_paper_that_is_broken_on_purpose_is_refused_by_the_right_tool() {
        let whole = business();
        let told = |from, to| said_otherwise(&whole, from, to);
        let in_order = "<ram:ID>F-2026-000042</ram:ID>\n  <ram:TypeCode>380</ram:TypeCode>";
        let swapped = "<ram:TypeCode>380</ram:TypeCode><ram:ID>F-2026-000042</ram:ID>";
        let mut other_total = load(&whole);
        put_xml(&mut other_total, xml(&load(&consumer())));
        let no_xml = pdf(&papers::pro_forma().unwrap(), None).unwrap();
        let broken: [(&str, Vec<u8>, &[&str]); 7] = [
            ("another generation", misnumbered(&whole), &["qpdf"]),
            ("no intent", without(&whole, "OutputIntents"), &["PDF/A-3B"]),
            ("another order", told(in_order, swapped), &["XSD"]),
            ("no indemnity", told("Code>PMT<", "Code>AAI<"), &["FR-CTC"]),
            ("another's XML", save(other_total), &["total on the page"]),
            (
                "a cent too much",
                told("GrandTotalAmount>195.05<", "GrandTotalAmount>195.06<"),
                &["EN 16931", "total on the page"],
            ),
            (
                "no XML",
                no_xml,
                &["EN 16931", "FR-CTC", "XSD", "total on the page"],
            ),
        ];
        let mut papers: Vec<Paper> = Vec::new();
        for (name, pdf, _) in &broken {
            papers.push(Paper::invoice(*name, pdf.clone()));
        }
        papers.push(Paper::pro_forma("no pro forma", whole.clone()));
        let found = validators::complaints(&papers).await;
        let of_invoices = broken.iter().map(|(name, _, checks)| (*name, *checks));
        let of_all = of_invoices.chain([("no pro forma", &["nothing inside"][..])]);
        for (name, expected) in of_all {
            let checks = &found[name];
            let complaining = checks.iter().filter(|(_, said)| !said.is_empty());
            let complaining: Vec<&str> = complaining.map(|(check, _)| check.as_str()).collect();
            assert_eq!(complaining, expected, "{name}: {checks:#?}");
        }
    }

    #[tokio::test]
    #[should_panic(expected = "papers are refused")]
    async fn a_refused_paper_fails_its_test() {
        validators::check(&[Paper::invoice("no invoice", "%PDF-1.7")]).await;
    }

    fn business() -> Vec<u8> {
        written(&papers::business(&papers::four_rates().unwrap()).unwrap())
    }

    fn consumer() -> Vec<u8> {
        written(&papers::consumer(&papers::one_rate().unwrap()).unwrap())
    }

    fn written(invoice: &Invoice) -> Vec<u8> {
        pdf(invoice, None).unwrap()
    }

    fn load(pdf: &[u8]) -> Document {
        Document::load_mem(pdf).unwrap()
    }

    fn save(mut file: Document) -> Vec<u8> {
        let mut pdf = Vec::new();
        file.save_to(&mut pdf).unwrap();
        pdf
    }

    /// Its table of cross-references ends with the generation of the last object: most readers do not look.
    fn misnumbered(pdf: &[u8]) -> Vec<u8> {
        let mark = b"\nendstream";
        let end = pdf.windows(mark.len()).rposition(|part| part == mark);
        let mut mutant = pdf.to_vec();
        mutant[end.unwrap() - 1] ^= 1;
        mutant
    }

    fn without(pdf: &[u8], entry: &str) -> Vec<u8> {
        let mut file = load(pdf);
        let removed = file.catalog_mut().unwrap().remove(entry.as_bytes());
        assert!(removed.is_some(), "{entry}");
        save(file)
    }

    fn said_otherwise(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
        let mut file = load(pdf);
        let text = String::from_utf8(xml(&file)).unwrap();
        assert!(text.contains(from), "{from}");
        put_xml(&mut file, text.replace(from, to).into_bytes());
        save(file)
    }

    fn xml(file: &Document) -> Vec<u8> {
        let streams = file.objects.values().filter_map(|it| it.as_stream().ok());
        let mut embedded = streams.filter(|stream| is_embedded(stream));
        embedded.next().unwrap().get_plain_content().unwrap()
    }

    fn put_xml(file: &mut Document, xml: Vec<u8>) {
        let mut objects = file.objects.values_mut();
        let stream = objects.find_map(|it| it.as_stream_mut().ok().filter(|it| is_embedded(it)));
        let stream = stream.unwrap();
        let size = Object::from(i64::try_from(xml.len()).unwrap());
        let parameters = stream.dict.get_mut(b"Params").unwrap();
        parameters.as_dict_mut().unwrap().set("Size", size);
        stream.set_plain_content(xml);
    }

    fn is_embedded(stream: &Stream) -> bool {
        stream.dict.has_type(b"EmbeddedFile")
    }
}
