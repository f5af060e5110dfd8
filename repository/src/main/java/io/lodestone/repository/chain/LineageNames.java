package io.lodestone.repository.chain;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of one lineage's objects. Immutable. */
public record LineageNames(String lineage) {
  public static final String ROOT = "lineages/";
  private static final Pattern SPAN =
      Pattern.compile("0([0-8][0-9]{18})-0([0-8][0-9]{18})\\.(expired|level[1-9])");
  private static final Pattern KEY_INDEX = Pattern.compile(".*/keys-[0-9]{6}-[0-9]{6}");
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

  public String spans() {
    return root() + "spans/";
  }

  public String span(SpanName span) {
    return spans() + digits(span.firstSeq()) + "-" + digits(span.lastSeq()) + suffix(span);
  }

  private static String suffix(SpanName span) {
    return span.expired() ? ".expired" : ".level" + span.level();
  }

  /** What the name of a span says; empty if it is not of that form. */
  public Optional<SpanName> spanOf(String name) {
    Matcher match = SPAN.matcher(name.substring(spans().length()));
    if (!match.matches()) {
      return Optional.empty();
    }
    long first = Long.parseLong(match.group(1));
    long last = Long.parseLong(match.group(2));
    String state = match.group(3);
    int level = state.equals("expired") ? 0 : state.charAt(state.length() - 1) - '0';
    return first > last ? Optional.empty() : Optional.of(new SpanName(first, last, level));
  }

  /** The number that a name below {@code directory} begins with; empty if it is none. */
  public OptionalLong numberOf(String directory, String name) {
    String rest = name.substring(directory.length());
    Matcher seq = SEQ.matcher(rest.substring(0, Math.min(rest.length(), 20)));
    return seq.matches() ? OptionalLong.of(Long.parseLong(seq.group())) : OptionalLong.empty();
  }

  public String marks() {
    return root() + "marks/";
  }

  public String mark(long revision) {
    return marks() + digits(revision);
  }

  public String sourceHashes() {
    return root() + "hashes/";
  }

  public String sourceHash(long revision) {
    return sourceHashes() + digits(revision);
  }

  public String parts() {
    return root() + "parts/";
  }

  /** What the names of all sets begin with that were written for entry {@code seq}. */
  public String setsOf(long seq) {
    return parts() + digits(seq) + "-";
  }

  /** Behind every name below {@code directory} that begins with a number up to {@code seq}. */
  public static String behind(String directory, long seq) {
    return directory + digits(seq) + "~";
  }

  /** The id of a set of parts for entry {@code seq}. */
  public static String set(long seq, long random) {
    return digits(seq) + "-" + hex(random);
  }

  public String part(String set, int number) {
    return parts() + set + "/" + String.format("%06d", number);
  }

  /** What the names of all key indexes of a set begin with. */
  public String keyIndexes(String set) {
    return parts() + set + "/keys-";
  }

  /** The name of the key index of the parts [firstPart, lastPart] of a set. */
  public String keyIndex(String set, int firstPart, int lastPart) {
    return keyIndexes(set) + String.format("%06d-%06d", firstPart, lastPart);
  }

  /** True for the name of a key index, of whatever set. */
  public boolean isKeyIndex(String name) {
    return KEY_INDEX.matcher(name).matches();
  }

  /** The last part that the key index of that name tells of. */
  public static int lastPart(String keyIndex) {
    return Integer.parseInt(keyIndex.substring(keyIndex.length() - 6));
  }

  /** Below which every compaction under way has an object. */
  public String compactions() {
    return root() + "compacting/";
  }

  public String compaction(long sinceEpochMillis, long random) {
    return compactions() + digits(sinceEpochMillis) + "-" + hex(random);
  }

  public String proof() {
    return root() + "proof.json";
  }

  public String writer() {
    return root() + "writer.json";
  }

  private static String hex(long random) {
    return String.format("%016x", random);
  }

  private static String digits(long seq) {
    return String.format("%020d", seq);
  }
}
