package io.lodestone.migrate;

import io.lodestone.migrate.journal.Journal;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the migration is: keeps the journal, tells the listener, heeds what others ask. */
final class Course {
  private static final Logger log = LoggerFactory.getLogger(Course.class);

  private final Journal journal;
  private final MigrationDirectory directory;
  private final MigrationListener listener;
  private volatile Phase phase = Phase.PREFLIGHT;
  private volatile boolean stopped;

  Course(Journal journal, MigrationDirectory directory, MigrationListener listener) {
    this.journal = journal;
    this.directory = directory;
    this.listener = listener;
  }

  Journal journal() {
    return journal;
  }

  /** From any thread. */
  Phase phase() {
    return phase;
  }

  void enter(Phase next) throws IOException {
    phase = next;
    Map<String, String> facts = Map.of("phase", next.name());
    if (next == Phase.CUTOVER) {
      journal.record(Event.ENTERED, facts); // from here on an abort could lose writes
    } else {
      journal.note(Event.ENTERED, facts);
    }
    log.atInfo().addKeyValue("phase", next).log("a phase begins");
    listener.entered(next);
  }

  void tell(MigrationStatus status) throws IOException {
    directory.write(status);
    listener.progress(status);
  }

  /** Called often by whatever takes time before the cutover. */
  void heedRequests() {
    heedStop();
    if (directory.isAsked(Request.ABORT)) {
      throw new AbortedException();
    }
  }

  /** Called often by whatever takes time behind it. */
  void heedStop() {
    if (stopped) {
      throw new StoppedException();
    }
  }

  boolean isAsked(Request request) {
    return directory.isAsked(request);
  }

  /** From any thread. */
  void stop() {
    stopped = true;
  }
}
