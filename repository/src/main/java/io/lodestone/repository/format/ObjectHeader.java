package io.lodestone.repository.format;

import java.util.Optional;

/** The header of a sealed object. */
public sealed interface ObjectHeader permits PartHeader, EntryHeader, KeyIndexHeader {

  /** The frames inside the object itself, or the filters of an index. */
  ContentFacts content();

  /** How they are encrypted; empty where they are not. */
  Optional<Encryption> encryption();

  /** The header of the same object with its content encrypted: it must tell nothing of keys. */
  ObjectHeader encrypted(Encryption by);
}
