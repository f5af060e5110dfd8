package io.lodestone.repository.format;

/** The header of a part: where it belongs, and what is in it. Immutable. */
public record PartHeader(String lineage, String set, int number, ContentFacts content)
    implements ObjectHeader {}
