package io.lodestone.migrate.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.migrate.journal.JournalEntry.Event;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The entries of one migration, in a file: one line each, its CRC-32C in eight hex digits, a blank,
 * a JSON object. Confined to one thread.
 */
public final class Journal implements AutoCloseable {
  /** The format that this build writes. */
  static final String VERSION = "1";

  private static final int CHECKSUM_DIGITS = 8;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, String>> OBJECT =
      new TypeReference<>() {};

  private final FileChannel channel;
  private final Clock clock;
  private final List<JournalEntry> entries;

  private Journal(FileChannel channel, Clock clock, List<JournalEntry> entries) {
    this.channel = channel;
    this.clock = clock;
    this.entries = entries;
  }

  /** Opens the journal in {@code file}, which need not exist, to be continued. */
  public static Journal open(Path file, Clock clock) throws IOException {
    Content content = Content.of(file);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.truncate(content.bytes());
    channel.position(content.bytes());
    return new Journal(channel, clock, content.entries());
  }

  /** The entries in {@code file}; none where it does not exist. A torn last line is left out. */
  public static List<JournalEntry> read(Path file) throws IOException {
    return List.copyOf(Content.of(file).entries());
  }

  public Standing standing() {
    return Standing.of(entries);
  }

  public List<JournalEntry> entries() {
    return List.copyOf(entries);
  }

  /** Begins a journal; {@code source} is the id of the cluster that is moved. */
  public void begin(String source) throws IOException {
    record(Event.BEGUN, Map.of("version", VERSION, "source", source));
  }

  /** When this returns, the entry is on disk. */
  public void record(Event event, Map<String, String> facts) throws IOException {
    note(event, facts);
    channel.force(false);
  }

  /** Adds an entry that a loss of power may take away; the death of the process does not. */
  public void note(Event event, Map<String, String> facts) throws IOException {
    JournalEntry entry = new JournalEntry(clock.instant(), event, facts);
    ByteBuffer line = ByteBuffer.wrap(line(entry));
    while (line.hasRemaining()) {
      channel.write(line);
    }
    entries.add(entry);
  }

  private static byte[] line(JournalEntry entry) {
    Map<String, String> object = new LinkedHashMap<>();
    object.put("at", entry.at().toString());
    object.put("event", entry.event().name());
    object.putAll(entry.facts());
    try {
      String json = JSON.writeValueAsString(object);
      return (checksum(json) + " " + json + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an entry has only plain strings", e);
    }
  }

  private static String checksum(String json) {
    CRC32C crc = new CRC32C();
    crc.update(json.getBytes(StandardCharsets.UTF_8));
    return String.format("%08x", crc.getValue());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * What a file holds.
   *
   * @param bytes the length of its whole lines
   */
  private record Content(List<JournalEntry> entries, long bytes) {
    static Content of(Path file) throws IOException {
      List<JournalEntry> entries = new ArrayList<>();
      if (!Files.exists(file)) {
        return new Content(entries, 0);
      }
      String text = Files.readString(file);
      int start = 0;
      for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        entries.add(entry(file, entries.size() + 1, text.substring(start, end)));
        requireKnownVersion(file, entries.get(0));
        start = end + 1;
      }
      return new Content(entries, text.substring(0, start).getBytes(StandardCharsets.UTF_8).length);
    }

    private static JournalEntry entry(Path file, int number, String line) {
      try {
        String json = line.substring(Math.min(line.length(), CHECKSUM_DIGITS + 1));
        if (!line.startsWith(checksum(json) + " ")) {
          throw damaged(file, number, null);
        }
        LinkedHashMap<String, String> object = JSON.readValue(json, OBJECT);
        requireKnownNames(file, number, object);
        Instant at = Instant.parse(object.remove("at"));
        return new JournalEntry(at, Event.valueOf(object.remove("event")), object);
      } catch (JsonProcessingException | IllegalArgumentException e) {
        throw damaged(file, number, e);
      }
    }

    /** What is whole and says something unknown was written by a later build. */
    private static void requireKnownNames(Path file, int number, Map<String, String> object) {
      Map<String, Enum<?>[]> names =
          Map.of("event", Event.values(), "phase", Phase.values(), "outcome", Outcome.values());
      names.forEach(
          (fact, known) -> {
            String name = object.get(fact);
            if (name != null && Arrays.stream(known).noneMatch(one -> one.name().equals(name))) {
              throw new UnsupportedFormatException(
                  "line "
                      + number
                      + " of "
                      + file
                      + " has the "
                      + fact
                      + " "
                      + name
                      + ", which this build does not know",
                  "go on with the version of lodestone that wrote it, or a later one");
            }
          });
    }

    private static CorruptDataException damaged(Path file, int number, Exception cause) {
      return new CorruptDataException(
          "line " + number + " of " + file + " is damaged",
          "the disk is faulty: lift the fence of the source by hand if there is one (etcdctl alarm"
              + " disarm), then begin again with another directory",
          cause);
    }

    private static void requireKnownVersion(Path file, JournalEntry first) {
      if (!VERSION.equals(first.facts().get("version"))) {
        throw new UnsupportedFormatException(
            file + " is not a journal of version " + VERSION,
            "go on with the version of lodestone that began this migration");
      }
    }
  }
}
