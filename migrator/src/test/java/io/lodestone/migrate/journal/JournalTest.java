package io.lodestone.migrate.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.migrate.journal.JournalEntry.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a journal says of lines that it did not write itself. */
final class JournalTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void begin() throws IOException {
    file = folder.resolve("journal");
    try (Journal journal = Journal.open(file, CLOCK)) {
      journal.begin("c1");
      journal.record(Event.ENTERED, Map.of("phase", Phase.STEADY.name()));
      journal.note(Event.REHEARSED, Map.of("proof", "HASH_KV", "millis", "12"));
    }
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  /** A whole line of {@code json}. */
  private static String line(String json) {
    CRC32C crc = new CRC32C();
    crc.update(json.getBytes(StandardCharsets.UTF_8));
    return String.format("%08x %s\n", crc.getValue(), json);
  }

  @Test
  void saysWhatWasRecorded() throws Exception {
    Standing standing = Standing.of(Journal.read(file));
    assertThat(standing.source()).hasValue("c1");
    assertThat(standing.phase()).hasValue(Phase.STEADY);
    assertThat(standing.fenced()).isFalse();
  }

  @Test
  void aTornLastLineIsCutOff() throws Exception {
    append("0badc0de {\"at\":\"1970");
    assertThat(Journal.read(file)).hasSize(3);
    try (Journal journal = Journal.open(file, CLOCK)) {
      journal.record(Event.FENCING, Map.of());
    }
    List<JournalEntry> entries = Journal.read(file);
    assertThat(entries).hasSize(4);
    assertThat(Standing.of(entries).fenced()).isTrue();
  }

  @Test
  void aWholeLineWhoseChecksumDisagreesIsDamage() throws Exception {
    append("0badc0de {\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"FENCING\"}\n");
    assertThatThrownBy(() -> Journal.read(file))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("line 4 of");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"BLESSED\"}",
        "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"ENTERED\",\"phase\":\"BLESSED\"}",
        "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"ENDED\",\"outcome\":\"BLESSED\"}"
      })
  void whatALaterBuildHasWrittenIsNotCalledDamage(String json) throws Exception {
    append(line(json));
    assertThatThrownBy(() -> Journal.read(file))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("line 4 of")
        .hasMessageContaining("BLESSED, which this build does not know");
  }

  @Test
  void anotherVersionIsNotCalledDamage() throws Exception {
    String begun = "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"BEGUN\",\"version\":\"2\"}";
    Files.writeString(file, line(begun));
    assertThatThrownBy(() -> Journal.read(file))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("is not a journal of version 1");
  }
}
