package io.lodestone.repository.objects;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Walks a directory tree in the order of object names. Directories are opened when the walk reaches
 * them; of each open one only the names are held. Confined to one thread.
 */
final class FileListing implements Iterator<StoredObject> {
  private final Path root;
  private final String prefix;
  private final String startAfter;
  private final Deque<Iterator<String>> open = new ArrayDeque<>();
  private StoredObject next;

  FileListing(Path root, String prefix, String startAfter) throws IOException {
    this.root = root;
    this.prefix = prefix;
    this.startAfter = startAfter;
    open.push(children(prefix.substring(0, prefix.lastIndexOf('/') + 1)));
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null && !open.isEmpty()) {
        step();
      }
      return next != null;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + root + "/" + prefix, e);
    }
  }

  @Override
  public StoredObject next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    StoredObject result = next;
    next = null;
    return result;
  }

  private void step() throws IOException {
    Iterator<String> names = open.peek();
    if (!names.hasNext()) {
      open.pop();
      return;
    }
    String name = names.next();
    if (name.endsWith("/")) {
      open.push(children(name));
      return;
    }
    try {
      next = new StoredObject(name, Files.size(root.resolve(name)));
    } catch (NoSuchFileException e) {
      next = null; // deleted since its directory was read: no longer part of the listing
    }
  }

  /** Names of what lies in {@code directory}, sorted; those of directories end with a slash. */
  private Iterator<String> children(String directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root.resolve(directory))) {
      for (Path entry : entries) {
        String name = directory + entry.getFileName();
        if (name.equals(FileObjectStore.TEMPORARY) || !(wanted(name) || wanted(name + "/"))) {
          continue;
        }
        String full = Files.isDirectory(entry) ? name + "/" : name;
        if (wanted(full)) {
          names.add(full);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Collections.emptyIterator();
    }
    Collections.sort(names);
    return names.iterator();
  }

  private boolean wanted(String name) {
    if (!name.endsWith("/")) {
      return name.startsWith(prefix) && name.compareTo(startAfter) > 0;
    }
    boolean inPrefix = name.startsWith(prefix) || prefix.startsWith(name);
    return inPrefix && (name.compareTo(startAfter) > 0 || startAfter.startsWith(name));
  }
}
