//! An invoice as a value, and its page as a PDF
