package io.lodestone.repository.format;

import java.util.Optional;

/** The header of a part: where it belongs, and what is in it. Immutable. */
public record PartHeader(
    String lineage, String set, int number, ContentFacts content, Optional<Encryption> encryption)
    implements ObjectHeader {

  @Override
  public PartHeader encrypted(Encryption by) {
    return new PartHeader(lineage, set, number, content, Optional.of(by));
  }
}
