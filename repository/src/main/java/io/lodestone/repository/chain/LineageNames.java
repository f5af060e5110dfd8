package io.lodestone.repository.chain;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of one lineage's objects. Immutable. */
public record LineageNames(String lineage) {
  public static final String ROOT = "lineages/";
  private static final Pattern SEQ = Pattern.compile("[0-9]{20}");

  /** What all names of this lineage begin with. */
  public String root() {
    return ROOT + lineage + "/";
  }

  public String entries() {
    return root() + "log/";
  }

  public String entry(long seq) {
    return entries() + digits(seq);
  }

  /** The seq in the name of an entry; empty if it is not of that form. */
  public OptionalLong seqOf(String entry) {
    Matcher seq = SEQ.matcher(entry.substring(entries().length()));
    if (!seq.matches() || seq.group().compareTo(digits(Long.MAX_VALUE)) > 0) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(seq.group()));
  }

  public String parts() {
    return root() + "parts/";
  }

  /** What the names of all sets begin with that were written for entry {@code seq}. */
  public String setsOf(long seq) {
    return parts() + digits(seq) + "-";
  }

  /** The id of a set of parts for entry {@code seq}. */
  public static String set(long seq, long random) {
    return digits(seq) + "-" + String.format("%016x", random);
  }

  public String part(String set, int number) {
    return parts() + set + "/" + String.format("%06d", number);
  }

  public String writer() {
    return root() + "writer.json";
  }

  private static String digits(long seq) {
    return String.format("%020d", seq);
  }
}
