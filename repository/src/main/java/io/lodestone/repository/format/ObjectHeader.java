package io.lodestone.repository.format;

/** The header of a sealed object. */
public sealed interface ObjectHeader permits PartHeader, EntryHeader {

  /** The frames inside the object itself. */
  ContentFacts content();
}
