package io.lodestone.cli;

import io.lodestone.migrate.MigrationListener;
import io.lodestone.migrate.MigrationStatus;
import io.lodestone.migrate.journal.Phase;

/** A progress bar while a migration catches up and follows. Confined to the migration's thread. */
final class MigrationProgress implements MigrationListener, AutoCloseable {
  private final Progress bar = Progress.of("migrate", " revisions", 1);

  @Override
  public void entered(Phase phase) {
    // the log says so
  }

  @Override
  public void progress(MigrationStatus status) {
    bar.at(status.destinationRevision(), status.sourceRevision());
  }

  @Override
  public void close() {
    bar.close();
  }
}
