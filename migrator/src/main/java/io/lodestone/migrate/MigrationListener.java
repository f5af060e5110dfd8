package io.lodestone.migrate;

import io.lodestone.migrate.journal.Phase;

/** Told what a migration does. Called on its thread; must return at once. */
public interface MigrationListener {
  /** A listener that does nothing. */
  MigrationListener SILENT =
      new MigrationListener() {
        @Override
        public void entered(Phase phase) {}

        @Override
        public void progress(MigrationStatus status) {}
      };

  /** {@code phase} begins. */
  void entered(Phase phase);

  /** Now and then while the source is followed. */
  void progress(MigrationStatus status);
}
