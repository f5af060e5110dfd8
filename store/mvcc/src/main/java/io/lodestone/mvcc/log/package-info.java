/**
 * What goes into the engine and what comes out: an entry of the log, what applying it came to, and
 * the changes it made. Values only; immutable.
 */
package io.lodestone.mvcc.log;
