package io.lodestone.repository.keys;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;

/**
 * Opens a keyset from an address: {@code /path} or {@code file:/path}, {@code env:NAME} for the
 * variable that holds it, or what a {@link KeysetProvider} says.
 */
public final class Keysets {
  private Keysets() {}

  /**
   * Reads it now.
   *
   * @param environment gives a variable's value, null where it is not set
   */
  public static Keyset open(String address, UnaryOperator<String> environment) throws IOException {
    int colon = address.indexOf(':');
    String scheme = colon > 0 ? address.substring(0, colon) : "file";
    String reference = address.substring(colon + 1);
    List<String> known = new ArrayList<>();
    for (KeysetProvider provider : providers(environment)) {
      if (provider.scheme().equals(scheme)) {
        return Keyset.parse(provider.read(reference), address);
      }
      known.add(provider.scheme());
    }
    throw new LodestoneException(
        "no kind of keyset has the address '" + address + "'", "known are " + known);
  }

  private static List<KeysetProvider> providers(UnaryOperator<String> environment) {
    List<KeysetProvider> providers = new ArrayList<>();
    providers.add(new InFile());
    providers.add(new InEnvironment(environment));
    ServiceLoader.load(KeysetProvider.class).forEach(providers::add);
    return providers;
  }

  private static final class InFile implements KeysetProvider {
    @Override
    public String scheme() {
      return "file";
    }

    @Override
    public String read(String reference) throws IOException {
      try {
        return Files.readString(Path.of(reference.replaceFirst("^/+", "/")));
      } catch (NoSuchFileException e) {
        throw new LodestoneException(
            "there is no keyset file " + reference,
            "make one with 'lodestone backup keygen', or check the path",
            e);
      }
    }
  }

  private static final class InEnvironment implements KeysetProvider {
    private final UnaryOperator<String> environment;

    InEnvironment(UnaryOperator<String> environment) {
      this.environment = environment;
    }

    @Override
    public String scheme() {
      return "env";
    }

    @Override
    public String read(String reference) {
      String value = environment.apply(reference);
      if (value == null || value.isBlank()) {
        throw new LodestoneException(
            "the variable " + reference + " is not set",
            "put the keyset's JSON into it, or name a file: --keyset /path");
      }
      return value;
    }
  }
}
