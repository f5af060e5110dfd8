package io.lodestone.cli;

import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.keys.Keysets;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --keyset}: the keys that contents are encrypted with. */
final class KeysetOption {
  private static final String VARIABLE = "LODESTONE_KEYSET";

  @Option(
      names = "--keyset",
      paramLabel = "ADDRESS",
      description =
          "the keys that contents are encrypted with: /path or file:/path of a keyset in Tink's JSON, or env:NAME"
              + " for a variable that holds it; default: the address in LODESTONE_KEYSET, else none")
  private Optional<String> address = Optional.empty();

  ContentCipher cipher() throws IOException {
    Optional<String> chosen = address.or(() -> Optional.ofNullable(System.getenv(VARIABLE)));
    return chosen.isPresent() ? Keysets.open(chosen.get(), System::getenv) : ContentCipher.NONE;
  }
}
