package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.keys.Keyset;
import io.lodestone.repository.keys.KeysetProvider;

/** A key management service of one key, installed as others would be. Immutable. */
public final class InstalledKeys implements KeysetProvider {
  static final Keyset KEYS = Keyset.generate();

  @Override
  public String scheme() {
    return "installed";
  }

  @Override
  public String read(String reference) {
    if (!reference.equals("backups/prod")) {
      throw new LodestoneException("there is no key " + reference, "name backups/prod");
    }
    return KEYS.toJson();
  }
}
