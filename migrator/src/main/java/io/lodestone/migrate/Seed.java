package io.lodestone.migrate;

import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The data of a destination that is not running yet. */
public interface Seed {

  /** The directories that will be written, none of which may exist before. */
  List<Path> targets();

  /** The id that the new cluster will have, where it follows from what is known. */
  OptionalLong clusterId();

  /** How many members the new cluster will have. */
  int members();

  /** Takes the base; nothing appears in {@link #targets} before its commit. */
  RevisionSink open(CopyRules rules) throws IOException;
}
