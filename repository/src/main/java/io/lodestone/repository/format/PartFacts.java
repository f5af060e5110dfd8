package io.lodestone.repository.format;

/**
 * A part as its entry lists it. Immutable.
 *
 * @param bytes size of the whole object
 */
public record PartFacts(String set, int number, long bytes, Sha256 sha256) {
  private static final int MAX_NUMBER = 999_999;

  public PartFacts {
    if (number < 1 || number > MAX_NUMBER || bytes < 0) {
      throw new IllegalArgumentException("part " + number + " of " + bytes + " bytes");
    }
  }
}
