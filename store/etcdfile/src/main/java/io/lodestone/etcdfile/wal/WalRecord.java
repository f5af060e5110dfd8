package io.lodestone.etcdfile.wal;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.lodestone.api.CorruptDataException;
import java.nio.file.Path;

/**
 * A record of the log whose checksum was right. Immutable.
 *
 * @param ordinal counts the records of the whole log
 * @param offset where its frame begins in {@code segment}
 */
record WalRecord(long type, ByteString data, long ordinal, Path segment, long offset) {

  <M extends MessageLite> M parse(Parser<M> parser) {
    try {
      return parser.parseFrom(data);
    } catch (InvalidProtocolBufferException e) {
      throw corrupt("cannot be decoded: " + e.getMessage());
    }
  }

  CorruptDataException corrupt(String what) {
    return new CorruptDataException(
        segment + ": the record at byte offset " + offset + " " + what,
        "the log is damaged; use another copy or another member's directory");
  }
}
