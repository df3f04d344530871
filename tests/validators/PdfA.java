import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.TestAssertion.Status;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Checks files against PDF/A-3B with veraPDF's library, all in one run: {@code java PdfA.java FILE.pdf …}.
 *
 * <p>Prints a line for each rule that a file breaks, {@code FILE <tab> rule and message}, and
 * {@code FILE <tab> compliant} for a file that breaks none. A file without a line was not checked.
 */
public class PdfA {
  private static final int FAILURES_SHOWN = 100;

  public static void main(String[] files) {
    VeraGreenfieldFoundryProvider.initialise();
    for (String file : files) {
      Map<String, String> broken = new TreeMap<>();
      boolean compliant = false;
      try {
        compliant = check(new File(file), broken);
      } catch (Exception error) {
        broken.put("not readable", error.toString());
      }
      if (!compliant && broken.isEmpty()) {
        broken.put("not compliant", "veraPDF does not say why");
      }
      if (broken.isEmpty()) {
        System.out.println(file + "\tcompliant");
      }
      broken.forEach((rule, message) ->
          System.out.println(file + "\t" + rule + ": " + message.replaceAll("\\s+", " ")));
    }
  }

  /** Whether the file is compliant; if not, the rules that it breaks, each with its first message. */
  private static boolean check(File file, Map<String, String> broken) throws Exception {
    PDFAFlavour flavour = PDFAFlavour.PDFA_3_B;
    try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
        PDFAValidator validator = Foundries.defaultInstance()
            .createValidator(flavour, FAILURES_SHOWN, false, false, false)) {
      ValidationResult result = validator.validate(parser);
      for (TestAssertion assertion : result.getTestAssertions()) {
        if (assertion.getStatus() == Status.FAILED) {
          String rule = assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber();
          broken.putIfAbsent(rule, assertion.getMessage());
        }
      }
      return result.isCompliant() && result.getTotalAssertions() > 0;
    }
  }
}
