package io.lodestone.mvcc.log;

import io.lodestone.revisions.RevisionRecord;
import java.util.Optional;

/**
 * One change that has become visible. Immutable.
 *
 * @param previous the row that it replaced: the key as it was one revision before; empty where the
 *     key did not live
 */
public record Change(RevisionRecord record, Optional<RevisionRecord> previous) {}
