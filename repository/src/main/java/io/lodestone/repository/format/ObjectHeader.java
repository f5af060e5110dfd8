package io.lodestone.repository.format;

/** The header of a sealed object. */
public sealed interface ObjectHeader permits PartHeader, EntryHeader, KeyIndexHeader {

  /** The frames inside the object itself, or the filters of an index. */
  ContentFacts content();
}
